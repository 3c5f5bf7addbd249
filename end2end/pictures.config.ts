// Pictures of every screen for people to look at; nothing is compared. They come to target/pictures.
//   cargo xtask test --only e2e builds what this needs; then: npx playwright test -c pictures.config.ts
import everything from "./playwright.config.ts";

export default { ...everything, testDir: "pictures", timeout: 240_000, projects: [{ name: "pictures" }] };
