package org.alborz.nn;

import static org.alborz.nn.Epilogue.replace;

import java.util.List;
import org.alborz.tensor.Tensor;

/**
 * Layers one after the other, named 0, 1, 2, …; each value is released as soon as neither a layer nor a tape needs it.
 *
 * <p>In evaluation a batch normalisation right after a convolution is folded into the convolution's weights, and a rectifier after
 * either is applied while results are stored, which gives the same but for rounding.
 */
public final class Sequential implements Fusible {
    private final List<Module> layers;

    public Sequential(Module... layers) {
        this(List.of(layers));
    }

    public Sequential(List<? extends Module> layers) {
        this.layers = List.copyOf(layers);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        if (!pass.isTraining()) {
            return forwardWith(Epilogue.NONE, x, pass);
        }
        Tensor value = x;
        for (Module layer : layers) {
            value = replace(value, layer.forward(value, pass), x);
        }
        return value;
    }

    @Override
    public Tensor forwardWith(Epilogue last, Tensor x, Pass pass) {
        Tensor value = x;
        Epilogue left = last;
        int i = 0;
        while (i < layers.size()) {
            Module layer = layers.get(i++);
            if (!(layer instanceof Fusible fusible)) {
                value = replace(value, layer.forward(value, pass), x);
                continue;
            }
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
            value = replace(value, fusible.forwardWith(epilogue, value, pass), x);
        }
        return replace(value, left.apply(value), x);
    }

    @Override
    public void describe(Structure structure) {
        for (int i = 0; i < layers.size(); i++) {
            structure.module(Integer.toString(i), layers.get(i));
        }
    }
}
