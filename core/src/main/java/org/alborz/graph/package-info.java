/**
 * Computations as data: {@link org.alborz.graph.Graph#trace} writes down the operations that a function applies, to be printed, counted,
 * replayed in another session, and compared between two backends operation by operation.
 */
package org.alborz.graph;
