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

interface Notice {
  text: string
  serious: boolean
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
}

interface RecordedFrame {
  step: number
  corrupted: Images
  output: Images
  mask: Images | null
  /** x, y of every code, NaN where it was not looked at. */
  points: Float32Array
}

interface LiveView {
  box: HTMLElement
  host: Element
  narrow: boolean
  broken: boolean
  theme: Theme
  recording: Recording
  panels: { scrubber: Scrubber }
  redraw(...names: ("status" | "curves" | "images" | "codes" | "scrubber")[]): void
}
