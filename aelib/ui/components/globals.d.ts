// What the scripts of components use without declaring it themselves. For the type checker only: see tsconfig.json.

type Tone = "light" | "dark"
type Rgb = [red: number, green: number, blue: number]
type Point = [x: number, y: number]

/** The colours of palette.py as "#rrggbb", which component.py puts before the scripts. */
declare const PALETTE: Record<"classes" | "signed" | "ramp" | "mask", Record<Tone, string[]>> & {
  series: Record<Tone, Record<string, string>>
  groups: Record<Tone, Record<"normal" | "anomalous", string>>
}

/** The colours around a component, see `readTheme`. */
interface Theme {
  tone: Tone
  background: Rgb
  text: Rgb
  font: (size: number, weight?: number) => string
  accent: string
  classes: string[]
  series: Record<string, string>
  groups: Record<"normal" | "anomalous", string>
  signed: Rgb[]
  ramp: Rgb[]
  mask: Rgb[]
  /** The text's colour, made transparent. */
  ink(alpha: number): string
}

/** Where an array lies in a block, see packing.py. */
type Place = [offset: number, dtype: "uint8" | "uint16" | "int32" | "float32", shape: number[]]

/** What a message says of a part, see parts.py. */
interface Part {
  key: string
  content: any
}

interface Unpacked {
  header: any
  array(place: Place): any
  arrays(places: Record<string, Place>): any
  images(place: Place): Images
}

/** What Streamlit calls a component's default export with. */
interface StreamlitComponent {
  parentElement: HTMLElement | ShadowRoot
  data: any
  setStateValue(name: string, value: unknown): void
  setTriggerValue(name: string, value: unknown): void
}

/** What a hand did on a component: `at` is a short text by which Python's answer to the same is known. */
interface Gesture {
  message: string
  at: string
}

/** A hand moved, see `tellHand`. */
type HandEvent = CustomEvent<{ name: string; gesture: () => Gesture | null }>

interface DocumentEventMap {
  "autoencoder-lab-hand": HandEvent
}
