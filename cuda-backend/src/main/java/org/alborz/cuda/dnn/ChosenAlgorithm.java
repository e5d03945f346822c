package org.alborz.cuda.dnn;

import java.util.Locale;
import jcuda.jcudnn.cudnnConvolutionBwdDataAlgo;
import jcuda.jcudnn.cudnnConvolutionBwdFilterAlgo;
import jcuda.jcudnn.cudnnConvolutionFwdAlgo;

/**
 * The algorithm of cuDNN that a convolution takes.
 *
 * @param number cuDNN's own for it
 * @param workspace bytes of scratch memory it needs
 */
public record ChosenAlgorithm(ConvolutionKey key, int number, long workspace) {
    /** Returns cuDNN's name for it. */
    public String name() {
        return switch (key.pass()) {
            case FORWARD -> cudnnConvolutionFwdAlgo.stringFor(number);
            case BACKWARD_DATA -> cudnnConvolutionBwdDataAlgo.stringFor(number);
            case BACKWARD_FILTER -> cudnnConvolutionBwdFilterAlgo.stringFor(number);
        };
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s, %s, %s by %s%s: %s, %.1f MiB of workspace",
                key.pass().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                key.dtype(),
                key.x(),
                key.w(),
                key.rectified() ? " with bias and rectifier" : "",
                name(),
                workspace / 0x1p20);
    }
}
