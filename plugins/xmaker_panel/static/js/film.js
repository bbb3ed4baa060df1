// Pictures of one node: the newest is drawn when the display is ready for it, and only then the next one is asked for.
import { address, hangUp } from "./link.js";
import { get, listen } from "./store.js";

const AGAIN_MS = 1500;

// Call `show(bitmap, head, fresh)` for each picture until the returned function is called. `head` says what was found in
// it; one that is not fresh is the last one, of which more is known now.
export function watch(name, show) {
  let socket = null;
  let over = false;
  let later = 0;
  let bitmap = null;

  function open() {
    clearTimeout(later);
    if (over || socket || document.hidden || get("link") !== "on") return;
    const mine = new WebSocket(address(`pictures/${encodeURIComponent(name)}`));
    socket = mine;
    mine.binaryType = "arraybuffer";
    mine.onmessage = async (event) => {
      const { head, jpeg } = parts(event.data);
      if (jpeg.size) {
        const next = await createImageBitmap(jpeg).catch(() => null);
        bitmap?.close(); // not before: a drawing of the one before may still be due
        bitmap = next;
      }
      requestAnimationFrame(() => {
        if (bitmap && !over) show(bitmap, head, jpeg.size > 0);
        if (mine.readyState === WebSocket.OPEN) mine.send("drawn");
      });
    };
    mine.onclose = () => {
      if (socket !== mine) return;
      socket = null;
      if (!over) later = setTimeout(open, AGAIN_MS);
    };
  }

  function look() {
    if (document.hidden) hangUp(socket);
    else open();
  }

  document.addEventListener("visibilitychange", look);
  const forget = listen("link", open);
  open();
  return () => {
    over = true;
    clearTimeout(later);
    document.removeEventListener("visibilitychange", look);
    forget();
    hangUp(socket);
  };
}

// A message is four bytes with the length of its head, the head as JSON, and a JPEG, unless it is about the last one.
function parts(data) {
  const size = new DataView(data).getUint32(0);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, size)));
  return { head, jpeg: new Blob([new Uint8Array(data, 4 + size)], { type: "image/jpeg" }) };
}
