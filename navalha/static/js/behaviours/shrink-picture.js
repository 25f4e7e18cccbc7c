// A file input for a photo: what the phone took is made small enough for a page before it is sent, and shown. data-side
// is the longest side in pixels, data-bytes the most bytes; with data-clear what is transparent stays so. What the browser cannot read goes as it is: the server says
// what is wrong with it.
const QUALITIES = [0.85, 0.75, 0.65, 0.5];

function encoded(canvas, type, quality) {
  return new Promise((done) => canvas.toBlob(done, type, quality));
}

function drawn(picture, scale, ground) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const pen = canvas.getContext("2d");
  if (ground) {
    pen.fillStyle = ground; // a photo has no transparency
    pen.fillRect(0, 0, canvas.width, canvas.height);
  }
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// The first encoding that is small enough; each round a smaller drawing. Ends: one pixel always fits.
async function shrunk(picture, side, bytes, keepsClear) {
  const tries = keepsClear ? [["image/png"], ["image/webp", 0.85]] : QUALITIES.map((quality) => ["image/jpeg", quality]);
  for (let scale = Math.min(1, side / Math.max(picture.width, picture.height)); ; scale *= 0.8) {
    const canvas = drawn(picture, scale, keepsClear ? "" : "#ffffff");
    for (const [type, quality] of tries) {
      const blob = await encoded(canvas, type, quality);
      if (blob && (blob.size <= bytes || canvas.width === 1)) return { canvas, blob };
    }
  }
}

function replaceFile(input, file, blob) {
  const kind = blob.type.replace("image/", "");
  const files = new DataTransfer();
  files.items.add(new File([blob], `${file.name.replace(/\.\w+$/, "")}.${kind}`, { type: blob.type }));
  input.files = files.files;
}

export default function shrinkPicture(input) {
  const { side, bytes } = { side: Number(input.dataset.side), bytes: Number(input.dataset.bytes) };
  const buttons = input.form.querySelectorAll("button[type=submit]");

  async function shrink(file) {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const { canvas, blob } = await shrunk(picture, side, bytes, "clear" in input.dataset && file.type !== "image/jpeg");
    if (file !== input.files[0]) return; // another was chosen meanwhile
    replaceFile(input, file, blob);
    canvas.className = "look-picture look-picture-chosen";
    input.parentElement.querySelector("canvas")?.remove();
    input.after(canvas);
  }

  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file) return;
    buttons.forEach((button) => (button.disabled = true));
    try {
      await shrink(file);
    } catch {
      input.parentElement.querySelector("canvas")?.remove(); // no picture that this browser knows
    } finally {
      buttons.forEach((button) => (button.disabled = false));
    }
  });
}
