import { buildKernels } from "../../src/recommendations/model/kernels/build.ts";

/** What vitest runs before any test: trainings need the kernels. */
export default buildKernels;
