// What the server sends and what the tabs keep, for the type checker.

import type { Raster } from "./lib/raster.js";

/** Where a discriminator looks: the unit at i judges `size` pixels from `first` + `stride` * i on. */
export interface Lens { first: number; stride: number; size: number }

export interface Model {
  key: string; // of its picture in an answer
  name: string;
  objective: string;
  shown: boolean; // whether the task shows it by itself
  lens?: Lens | null;
  norm?: string;
  grain?: boolean;
}

/** A discriminator's map: bytes of log-odds, base64. */
export interface PatchMap { width: number; height: number; data: string }

/** The pictures of a request, or why there are none. */
export interface Answer {
  pictures: Record<string, string>; // URLs
  patch_scores: Record<string, PatchMap>;
  discriminator?: string; // the key of the model whose discriminator made the maps
  milliseconds: number;
  device: string;
  size?: number[]; // of large ones
  error?: string;
  busy?: boolean;
  superseded?: boolean;
}

/** A task on the Draw tab. */
export interface DrawCard {
  name: string;
  title: string;
  subject: string;
  palette: { name: string; color: string; hint: string; size?: number | null }[]; // size: of its lines, pixels
  background: string;
  tools: string[];
  tool: string;
  color: string;
  sizes: number[]; // smallest, largest, chosen at first; pixels
  crisp: boolean;
  labels: boolean;
  input: "edges" | "labels" | "any"; // what the models take
  symmetry: boolean;
  random: boolean;
  firstSeed: number;
  picture: string | null;
  models: Model[];
}

/** What the Draw tab remembers of a task. */
export interface TaskState {
  card: DrawCard;
  raster: Raster;
  tool: string;
  color: string;
  size: number;
  eraser: number;
  symmetric: boolean;
  next: number; // random seed
  example: string | null; // URL of the ready drawing that it began as
  guide: { url: string; example?: boolean } | null;
  guided: boolean;
  chosen: string[]; // models by place
  visited: boolean;
}

/** A task on the Photo tab. */
export interface PhotoCard {
  name: string;
  title: string;
  edges: boolean;
  example: boolean;
  firstSeed: number;
  picture: string | null;
  models: Model[];
}

export interface Photo {
  blob: Blob;
  preview: string | null; // a URL
  before: number[] | null; // width and height of the file
  size?: number[]; // of what is translated
}
