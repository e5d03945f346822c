package org.alborz.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/**
 * Layers one after the other, named 0, 1, 2, …; each value is released as soon as neither a layer nor a tape needs it.
 *
 * <p>In evaluation a batch normalisation right after a convolution is folded into the convolution's weights, and a rectifier after
 * either is applied while results are stored, which gives the same but for rounding.
 */
public final class Sequential implements Fusible {
    private final List<Layer> layers;
    private final boolean fresh;

    public Sequential(Layer... layers) {
        this(Arrays.asList(Given.value(layers, "Sequential", "layers")));
    }

    public Sequential(List<? extends Layer> layers) {
        this.layers = given(layers);
        this.fresh = this.layers.stream().allMatch(Fresh::is);
    }

    private static List<Layer> given(List<? extends Layer> layers) {
        List<Layer> copy = new ArrayList<>(Given.value(layers, "Sequential", "layers"));
        for (int i = 0; i < copy.size(); i++) {
            if (copy.get(i) == null) {
                throw new IllegalArgumentException("Sequential expects a module as layer " + i + ", got null");
            }
        }
        return List.copyOf(copy);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (!pass.isTraining()) {
            return forwardWith(Epilogue.NONE, x, pass);
        }
        Tensor value = x;
        boolean own = false; // whether this made the value, and no layer that may keep it has seen it
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            Tensor next = Results.of(layer.forward(value, pass), layer, i);
            own = passOn(layer, value, own, next);
            value = next;
        }
        return value;
    }

    @Override
    public Tensor forwardWith(Epilogue last, Tensor x, Pass pass) {
        Tensor value = x;
        boolean own = false;
        Epilogue left = last;
        int i = 0;
        while (i < layers.size()) {
            Layer layer = layers.get(i++);
            Tensor next;
            if (layer instanceof Fusible fusible) {
                Epilogue epilogue = Epilogue.NONE;
                Epilogue longer = epilogue;
                while (i < layers.size() && (longer = epilogue.followedBy(layers.get(i), pass)) != null) {
                    epilogue = longer;
                    i++;
                }
                if (i == layers.size() && (longer = epilogue.followedBy(left)) != null) {
                    epilogue = longer;
                    left = Epilogue.NONE;
                }
                next = fusible.forwardWith(epilogue, value, pass);
            } else {
                next = Results.of(layer.forward(value, pass), layer, i - 1);
            }
            own = passOn(layer, value, own, next);
            value = next;
        }
        Tensor result = left.apply(value);
        if (own && result != value) {
            value.close();
        }
        return result;
    }

    /** Closes a layer's input where that is this module's own and the layer does not keep it; tells whether its result is. */
    private static boolean passOn(Layer layer, Tensor value, boolean own, Tensor next) {
        boolean fresh = Fresh.is(layer);
        if (next == value) {
            return own && fresh;
        }
        if (own && fresh) {
            value.close();
        }
        return fresh;
    }

    @Override
    public boolean isFresh() {
        return fresh;
    }

    @Override
    public void describe(Structure structure) {
        for (int i = 0; i < layers.size(); i++) {
            structure.module(Integer.toString(i), layers.get(i));
        }
    }
}
