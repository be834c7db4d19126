"""What the app adds to Streamlit's web server: routes, headers, uploads, login, WebSockets."""
