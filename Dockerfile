# The app; compose.yaml makes scheduler and workers of the same image.
FROM python:3.11-slim

# Where pip finds a CPU-only torch (see README.md). Empty: the ordinary one, several gigabytes larger.
ARG TORCH_INDEX=

WORKDIR /app
COPY requirements.txt requirements-login.txt ./
RUN pip install --no-cache-dir ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} \
    -r requirements.txt -r requirements-login.txt
COPY app.py ./
COPY aelib aelib
COPY pages pages
COPY .streamlit/config.toml .streamlit/

# Runs, uploads and downloaded data are all that is written.
RUN useradd --create-home lab && install --directory --owner=lab /data /data/home /data/pictures
USER lab
VOLUME /data
ENV AELIB_HOME=/data/home AELIB_DATA_DIR=/data/pictures PYTHONPATH=/app

EXPOSE 8501
HEALTHCHECK --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=5)"]
CMD ["streamlit", "run", "app.py", "--server.headless=true"]
