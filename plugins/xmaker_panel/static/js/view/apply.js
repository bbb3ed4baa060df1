// Whether the file as it is now runs, and the word of the button that has it run.
import { useKey } from "../store.js";

export function useApply() {
  const broken = useKey("about.file");
  const { ahead } = useKey("about.text") ?? {};
  const changes = useKey("unsaved");
  return { runs: !broken && !ahead, word: changes ? "save" : broken ? "tryAgain" : ahead ? "apply" : "save" };
}
