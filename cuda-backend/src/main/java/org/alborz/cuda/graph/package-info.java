/** Steps captured once and replayed as one CUDA graph. */
package org.alborz.cuda.graph;
