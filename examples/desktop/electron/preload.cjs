// Hands the backend's port, which only a preload script can receive, on to the page.

const { ipcRenderer } = require("electron");

ipcRenderer.on("backend", ({ ports }) => window.postMessage("backend", "*", ports));
