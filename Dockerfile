# AuthPage for production: the web server by default, the worker with `authpage worker`.
# See docs/operators.md. Nobody has built this image yet.
FROM python:3.11-slim-bookworm

WORKDIR /srv/authpage
RUN useradd --system --home-dir /srv/authpage authpage
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE wsgi.py ./
COPY app app
COPY locales locales
COPY migrations migrations
COPY static static
COPY templates templates
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e .

ENV ENVIRONMENT=production DATA_DIR=/var/lib/authpage
RUN install -d -o authpage /var/lib/authpage
USER authpage
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--no-ws", "--host", "0.0.0.0", "--port", "8000", \
     "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", \
     "--workers-kill-timeout", "30", "wsgi:app"]
