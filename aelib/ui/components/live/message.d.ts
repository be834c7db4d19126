// What payload.py sends, by its names, and what the panels of the live view share.

interface LiveMessage {
  scene: string
  outdated: boolean
  pictures?: {
    target: Place | null
    probe: Place
    labels: Place
    classes: string[]
    shown: number
  }
  network?: DrawnNetwork
  /** Only where they have changed, which is what `key` tells. */
  drawings?: { key: string; names: string[]; mine: string; images: Place }
  /** Only where it has changed; null for none. */
  preview?: { corrupted: Place; mask: Place | null } | null
  run?: RunFacts
  curve?: Record<CurveField, Place>
  beside?: { title: string; curve: Record<CurveField, Place> }
  frames?: FrameMessage[]
  recorded?: number[]
  newest?: FrameMessage
}

interface RunFacts {
  status: "starting" | "training" | "paused" | "finished" | "diverged" | "failed"
  place: number
  example: string
  message: string
  findings: Notice[]
  step: number
  budget: number | null
  stepsPerEpoch: number
  budgetInSteps: boolean
  rate: number | null
  secondsLeft: number | null
  loss: string
  lossIsError: boolean
  corrupted: boolean
  codeUnits: number
  mapUnits: number
  penalty: string
  phase: string
  marks: { step: number; text: string }[]
  pca: { step: number; mse: number }[]
}

/** `remedy`: what a button changes; "" for none. */
interface Notice {
  text: string
  serious: boolean
  remedy: string
}

/** A field of history.py's `CurvePoint`. */
type CurveField =
  | "step"
  | "train_loss"
  | "train_mse"
  | "test_loss"
  | "test_mse"
  | "penalty"
  | "train_free_energy"
  | "test_free_energy"

/** A number of each kind for every point, NaN where it was not measured. */
type Curve = Record<CurveField, ArrayLike<number>>

/** The images at a step; `points` is null where the codes are those of the newest frame before. */
interface FrameMessage {
  step: number
  corrupted: Place
  output: Place
  mask: Place | null
  points: Place | null
  /** Of the same step as the points; null where there is none, too. */
  grid: { images: Place; area: number[]; columns: number } | null
  /** Of the same step as the points, too. */
  activity: { shares: Place; mean: number } | null
  cells: Place | null
  scales: Place | null
}

interface RecordedFrame {
  step: number
  corrupted: Images
  output: Images
  mask: Images | null
  /** x, y of every code, NaN where it was not looked at. */
  points: Float32Array
  grid: DecodedGrid | null
  /** See `CodeActivity` in state.py. */
  activity: { shares: Float32Array; mean: number } | null
  /** See `Activations` in state.py; null where they were not kept. */
  cells: Uint8Array | null
  scales: Float32Array | null
}

/** Decoded images all over a code of two numbers, see `DecodedGrid` in state.py: from the top left, row by row. */
interface DecodedGrid {
  images: Images
  area: number[]
  columns: number
}

/** What drawn_network.py says of a network. */
interface DrawnNetwork {
  key: string
  facts: string
  stages: DrawnStage[]
  input: string
  output: string
}

interface DrawnStage {
  part: "encoder" | "decoder"
  number: number
  code: boolean
  name: string
  size: string
  tip: string
  units: number
  /** Which units or feature maps the cells are of; null for all. */
  shown: number[] | null
  /** [units] or [maps, side, side] */
  cells: number[]
  signed: boolean
}

/** A column of the drawn network; all but `kind` and place only where there is a stage. */
interface Column {
  kind: "input" | "cells" | "bars" | "maps" | "output"
  left: number
  top: number
  width: number
  height: number
  stage?: DrawnStage
  /** Of the stage among the network's stages. */
  index?: number
  /** The place of its first cell among an image's. */
  first?: number
  /** CSS pixels that a cell is wide. */
  size?: number
  columns?: number
  rows?: number
}

/** An image of a unit: of the state after `step` steps, here since a time. */
interface UnitImage {
  step: number
  largest: number
  image: Images
  since: number
}

interface LiveView {
  box: HTMLElement
  host: Element
  narrow: boolean
  broken: boolean
  theme: Theme
  recording: Recording
  panels: { scrubber: Scrubber; network: NetworkPanel; images: ImageRows }
  tell(name: string, value: unknown): void
  redraw(...names: ("status" | "network" | "curves" | "images" | "codes" | "scrubber")[]): void
}
