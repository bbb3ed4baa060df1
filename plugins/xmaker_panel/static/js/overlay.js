// Draws boxes with labels and scores over a picture.
export const COLOURS = ["#ffd23f", "#3ddc97", "#ff8c69", "#4cc9f0", "#f6a5c0", "#c4a7ff"];

// The same label has the same colour in every picture.
function colourOf(label) {
  let sum = 0;
  for (const letter of label) sum = (sum * 31 + letter.codePointAt(0)) >>> 0;
  return COLOURS[sum % COLOURS.length];
}

// `scale` is canvas pixels for a pixel of the frame; `unit` canvas pixels for one of the page.
export function drawBoxes(paint, boxes, scale, unit, left = 0, top = 0) {
  paint.font = `600 ${13 * unit}px system-ui, sans-serif`;
  paint.textBaseline = "middle";
  for (const { label, score, box, track, old } of boxes) {
    const [x, y, width, height] = box.map((side) => side * scale);
    const colour = colourOf(label);
    paint.globalAlpha = old ? 0.5 : 1;
    paint.lineWidth = 2.5 * unit;
    paint.strokeStyle = colour;
    paint.strokeRect(left + x, top + y, width, height);
    tag(paint, `${label}${track ? ` ${track}` : ""} ${Math.round(score * 100)} %`, left + x, top + y, colour, unit);
  }
  paint.globalAlpha = 1;
}

function tag(paint, words, x, y, colour, unit) {
  const high = 20 * unit;
  const wide = paint.measureText(words).width + 10 * unit;
  const left = Math.max(0, Math.min(x - 1.25 * unit, paint.canvas.width - wide));
  const top = y >= high ? y - high : y;
  paint.fillStyle = colour;
  paint.fillRect(left, top, wide, high);
  paint.fillStyle = "#111";
  paint.fillText(words, left + 5 * unit, top + high / 2);
}
