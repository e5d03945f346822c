package org.alborz.examples.lessons;

import java.util.List;

/** The lessons of this part of the course. */
final class ConvolutionalNetworks {
    static final Part PART = new Part(
            "Convolutional networks",
            List.of(
                    new ConvNet(),
                    new PoolingAndOneByOne(),
                    new CifarCnn(),
                    new LabelSmoothing(),
                    new Distillation(),
                    new Adversarial(),
                    new Transfer(),
                    new ImageSearch()));

    private ConvolutionalNetworks() {}
}
