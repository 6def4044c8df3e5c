// The device's camera, shown in a <video> until a photo is taken.

import { canvasOf } from "../lib/files.js";
import { Refusal } from "../lib/intake.js";

const CAMERA_REFUSALS = {
  NotAllowedError: "The browser was not allowed to use the camera. Allow it beside the page's address, or choose a file instead.",
  NotFoundError: "No camera was found on this device. Choose a file instead.",
  NotReadableError: "Another program is using the camera. Close it, or choose a file instead.",
};

export class Camera {
  /** `find()` gives the <video>, once it is there. */
  constructor(find) {
    this.find = find;
    this.stream = null;
  }

  get video() { return this.find(); }
  get on() { return this.stream !== null; }

  /** Shows what the camera sees. Throws Refusal where there is none or it is not allowed. */
  async open() {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw new Refusal("Browsers lend the camera only to pages opened over https or on this computer itself. Choose a file instead.");
    }
    const wish = { video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 960 } } };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia(wish);
    } catch (error) {
      throw new Refusal(CAMERA_REFUSALS[error.name] ?? "The camera does not answer. Choose a file instead.");
    }
    this.video.srcObject = this.stream;
    await this.video.play();
  }

  /** The picture in sight, as a file. */
  async snap() {
    const [canvas, context] = canvasOf(this.video.videoWidth, this.video.videoHeight);
    context.drawImage(this.video, 0, 0);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
    return new File([blob], "camera.jpg", { type: "image/jpeg" });
  }

  /** Lets the camera go: its light has to go out. */
  close() {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = this.video.srcObject = null;
  }
}
