// Takes pictures for as long as something is held: a button, a key, a finger.
import { tell } from "./ask.js";
import { useEffect, useRef, useState } from "./ui.js";

const PAUSE_MS = 180;

// `taken(label, picture)` is called for each new one. Each hold ends by itself when the page is left, or hidden.
export function useTaking(camera, taken) {
  const [held, setHeld] = useState("");
  const now = useRef(null);

  async function start(label) {
    if (now.current) return;
    const mine = { label };
    now.current = mine;
    setHeld(label);
    while (now.current === mine) {
      const answer = await tell("/teach", "take", { label, camera });
      if (answer?.picture) taken(label, answer.picture);
      if (!answer && now.current === mine) stop();
      await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
  }

  function stop() {
    now.current = null;
    setHeld("");
  }

  useEffect(() => {
    window.addEventListener("blur", stop);
    document.addEventListener("visibilitychange", stop);
    return () => {
      window.removeEventListener("blur", stop);
      document.removeEventListener("visibilitychange", stop);
      now.current = null;
    };
  }, []);
  return { held, start, stop };
}

const TYPING = "input, select, textarea, [role=textbox]";

// The keys 1 to 9 hold the button of the first nine labels.
export function useDigits(labels, taking) {
  const known = useRef();
  known.current = { labels, taking };
  useEffect(() => {
    function down(event) {
      const label = known.current.labels[Number(event.key) - 1];
      if (!label || event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPING)) return;
      known.current.taking.start(label);
    }
    function up(event) {
      const label = known.current.labels[Number(event.key) - 1];
      if (label && label === known.current.taking.held) known.current.taking.stop();
    }
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    return () => {
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
    };
  }, []);
}
