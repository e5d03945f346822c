/**
 * The reference backend: plain loops in double arithmetic, rounded once when a result is stored.
 *
 * <p>The same code serves float32 and float64. It is what every other backend is compared with, and what the vector backend falls
 * back to.
 */
package org.alborz.cpu.scalar;
