"""What a WSGI server loads. The worker thread starts here: in each server process, after forks."""

from app import create_app, worker

app = create_app()
worker.start_thread(app)
