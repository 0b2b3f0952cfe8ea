/** The drawings beside the steps of connecting a channel. */
export const drawings = {
  "drawing.of": "Drawing: {place}.",
  "drawing.paper": "what the operator gave you",
  "drawing.copy": "Copy “{name}”.",
  "drawing.copy-button": "Copy",
  "drawing.enter": "Enter at “{name}”: {value}.",
  "drawing.press": "Press “{name}”.",
  "drawing.choose": "Choose “{name}”.",
  "drawing.you-write": "You write: {text}.",
  "drawing.they-write": "{name} asks: {text}",
  "drawing.bot-name": "What shall the bot be called?",
  "drawing.bot-username": "And its username?",
  "drawing.address-with-key": "Webhook address?key=…",
};
