"""What a WSGI server loads. The delivery thread starts here, so in each server process after any fork."""

from app import create_app
from app.delivery import worker

app = create_app()
worker.start_thread(app)
