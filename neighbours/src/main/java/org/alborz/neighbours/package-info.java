/**
 * Approximate search for the nearest neighbours in large sets of vectors: {@link org.alborz.neighbours.HnswIndex}, by Lucene's implementation of
 * hierarchical navigable small world graphs. {@link org.alborz.explain.NearestNeighbours} in {@code core} searches exactly.
 */
package org.alborz.neighbours;
