package org.alborz.cuda.dnn;

import org.alborz.type.Conv2dParameters;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * All that the choice of an algorithm depends on.
 *
 * @param x the image's shape {@code [N, C, H, W]}, w the weights', y the result's
 * @param rectified whether the same call adds a bias and rectifies, of the forward pass only
 */
public record ConvolutionKey(
        ConvolutionPass pass, DType dtype, Conv2dParameters parameters, Shape x, Shape w, Shape y, boolean rectified) {}
