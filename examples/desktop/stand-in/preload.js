// Stands in for Electron's preload script: a MessagePort cannot cross from Node into a browser, so its
// messages go over a WebSocket of this machine. The page is given ports, as under Electron.

/** This script's end of the newest port. */
let near;
let newest = 0;

addEventListener("load", () => {
  const socket = new WebSocket(`ws://${location.host}/window`);
  socket.addEventListener("message", ({ data }) => {
    const { port, message } = JSON.parse(data);
    if (port !== newest) give(port, socket);
    else near.postMessage(message);
  });
});

function give(port, socket) {
  newest = port;
  const { port1, port2 } = new MessageChannel();
  near = port1;
  near.onmessage = ({ data: message }) => socket.send(JSON.stringify({ port, message }));
  window.postMessage("backend", "*", [port2]);
}
