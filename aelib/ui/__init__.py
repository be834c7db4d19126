"""What the pages share. The only part of aelib that knows Streamlit."""
