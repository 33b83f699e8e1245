// Electron's main process: starts the backend, opens windows, and gives each a port to the backend.
// When the backend ends, it is started again and every window gets a new port.

import { join } from "node:path";
import { app, BrowserWindow, dialog, MessageChannelMain, utilityProcess } from "electron";

const dist = join(import.meta.dirname, "../dist");

let backend;

function startBackend() {
  const file = join(app.getPath("userData"), "notes.db");
  const child = utilityProcess.fork(join(dist, "backend/main.mjs"), [file]);
  child.once("message", ({ problem }) => {
    // To start it again would not help.
    if (problem !== null) giveUp(problem);
  });
  child.once("exit", () => {
    startBackend();
    BrowserWindow.getAllWindows().forEach(connect);
  });
  backend = child;
}

function connect(window) {
  const { port1, port2 } = new MessageChannelMain();
  backend.postMessage(null, [port1]);
  window.webContents.postMessage("backend", null, [port2]);
}

function openWindow() {
  const window = new BrowserWindow({
    width: 1000,
    height: 650,
    webPreferences: { preload: join(import.meta.dirname, "preload.cjs") },
  });
  // Also after a reload, which ends the page's old port.
  window.webContents.on("did-finish-load", () => connect(window));
  void window.loadFile(join(dist, "page/index.html"));
}

function giveUp(problem) {
  dialog.showErrorBox("The notes cannot be opened", problem);
  app.exit(1);
}

await app.whenReady();
startBackend();
openWindow();
app.on("window-all-closed", () => app.exit(0));
