export { dot, products, scan, scan16 } from "./products";
export { addGram } from "./gram";
export { combine, gather, mix, scale } from "./rows";
export { cholesky, solve, solveAll } from "./cholesky";
export { multiply, next, spread } from "./sparse";
