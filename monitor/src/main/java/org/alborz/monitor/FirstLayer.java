package org.alborz.monitor;

import java.util.List;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.type.Shape;

/** What the first layer of a net for images looks for. */
public final class FirstLayer {
    private static final int MOST = 64;

    private FirstLayer() {}

    /**
     * Returns the filters of a model's first convolution as pictures, at most 64; none where that is not of images in colour or grey. Grey
     * in the middle of the scale is 0.
     */
    public static List<Picture> filters(Model model) {
        return model.trainable().stream()
                .filter(parameter -> parameter.shape().rank() == 4)
                .findFirst() // a depthwise convolution has filters of one channel as well, and is never the first
                .map(FirstLayer::filters)
                .orElse(List.of());
    }

    private static List<Picture> filters(Parameter parameter) {
        Shape shape = parameter.shape();
        if (shape.size(1) != 1 && shape.size(1) != 3) {
            return List.of();
        }
        List<Picture> all = FilterPictures.filters(shape, parameter.value().toFloats());
        return all.subList(0, Math.min(MOST, all.size()));
    }
}
