/**
 * Layers, and how they are put together.
 *
 * <p>The rule of this folder: a {@link org.alborz.nn.Module} describes its parameters and parts; a {@link org.alborz.nn.Layer} is one
 * that computes its output in {@code forward(x, pass)} from operations. It holds no memory until a {@link org.alborz.nn.Model} gives it some.
 */
package org.alborz.nn;
