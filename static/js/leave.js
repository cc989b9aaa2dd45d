// Sends the form that carries an answer to the app; the button does the same.
document.querySelector("form.leave")?.requestSubmit();
