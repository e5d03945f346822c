package org.alborz.cuda.dnn.graph;

import java.util.Locale;
import org.alborz.type.Activation;

/** What follows a convolution in its graph. */
public sealed interface Following {
    /** Returns it in words. */
    String text();

    /**
     * A bias, an addend of the result's shape, and an activation.
     *
     * @param hasAddend whether there is an addend
     * @param activation not {@link Activation#NONE}
     */
    record BiasActivation(boolean hasAddend, Activation activation) implements Following {
        @Override
        public String text() {
            String name = activation == Activation.RELU
                    ? "rectifier"
                    : activation.name().toLowerCase(Locale.ROOT);
            return hasAddend ? "bias, addend and " + name : "bias and " + name;
        }
    }

    /**
     * Of the gradient of the images: an addend, then 0 where the activation that gave the images was at a bound, and the sums of the rounded
     * numbers of each channel and of their products with a factor.
     *
     * @param hasAddend whether there is an addend
     * @param hasFactor whether there is a factor other than the images
     * @param activation not {@link Activation#NONE}
     */
    record GateSums(boolean hasAddend, boolean hasFactor, Activation activation) implements Following {
        @Override
        public String text() {
            return (hasAddend ? "addend, " : "") + "gate and sums" + (hasFactor ? " of products" : "");
        }
    }

    /** The sums of the rounded results of each channel, and of their squares. */
    record ChannelSums() implements Following {
        @Override
        public String text() {
            return "statistics";
        }
    }
}
