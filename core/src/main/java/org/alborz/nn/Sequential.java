package org.alborz.nn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.alborz.ops.Lookahead;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/**
 * Layers one after the other, {@code y = fₙ(…f₁(f₀(x)))}, named 0, 1, 2, … unless named otherwise; each value is released as soon as neither a layer nor a tape
 * needs it.
 *
 * <p>Methods that change the layers return another net, which shares the layers that it has in common with this one; so give only one of
 * them to {@link Model#create}. {@code Models.resnet20(1000).replace(-1, new Linear(64, 5))} has a new head.
 *
 * <p>In evaluation a batch normalisation right after a convolution is folded into the convolution's weights, and a rectifier after
 * either is applied while results are stored, which gives the same but for rounding.
 */
public final class Sequential implements Fresh, Iterable<Layer> {
    private final List<String> names;
    private final List<Layer> layers;
    private final boolean fresh;

    public Sequential(Layer... layers) {
        this(Arrays.asList(Given.value(layers, "Sequential", "layers")));
    }

    public Sequential(List<? extends Layer> layers) {
        this(numbers(Given.value(layers, "Sequential", "layers").size()), layers);
    }

    private Sequential(List<String> names, List<? extends Layer> layers) {
        for (int i = 0; i < layers.size(); i++) {
            if (layers.get(i) == null) {
                throw new IllegalArgumentException("Sequential expects a module as layer " + i + ", got null");
            }
        }
        this.names = List.copyOf(names);
        this.layers = List.copyOf(layers);
        this.fresh = this.layers.stream().allMatch(Fresh::is);
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    /** Returns how many layers there are. */
    public int size() {
        return layers.size();
    }

    /** Returns a layer by its place; a negative one counts from the end. */
    public Layer get(int index) {
        return layers.get(place(index));
    }

    /** Returns a layer by its name. */
    public Layer get(String name) {
        return layers.get(place(name));
    }

    /** Returns the names of the layers, with which the names of their parameters begin. */
    public List<String> names() {
        return names;
    }

    @Override
    public Iterator<Layer> iterator() {
        return layers.iterator();
    }

    /** Returns the net with another layer at a place; a negative one counts from the end. The name stays. */
    public Sequential replace(int index, Layer layer) {
        List<Layer> changed = new ArrayList<>(layers);
        changed.set(place(index), layer);
        return new Sequential(names, changed);
    }

    /** Returns the net with another layer of a name. */
    public Sequential replace(String name, Layer layer) {
        return replace(place(name), layer);
    }

    /** Returns the net with one more layer at its end, named by its place. */
    public Sequential append(Layer layer) {
        return append(Integer.toString(size()), layer);
    }

    /**
     * Returns the net with one more layer at its end.
     *
     * @param name such as {@code head}, without dots; no other layer has it
     */
    public Sequential append(String name, Layer layer) {
        if (Given.value(name, "append", "a name").isEmpty() || name.indexOf('.') >= 0 || names.contains(name)) {
            throw new IllegalArgumentException(
                    "append expects a name without dots that none of the layers " + names + " has, got '" + name + "'");
        }
        List<String> moreNames = new ArrayList<>(names);
        List<Layer> more = new ArrayList<>(layers);
        moreNames.add(name);
        more.add(layer);
        return new Sequential(moreNames, more);
    }

    /** Returns the layers from one place up to before another, with their names; negative ones count from the end. */
    public Sequential slice(int from, int to) {
        int start = from < 0 ? from + size() : from;
        int end = to < 0 ? to + size() : to;
        if (start < 0 || end > size() || start > end) {
            throw new IllegalArgumentException(
                    "slice expects places within " + size() + " layers, got " + from + " to " + to);
        }
        return new Sequential(names.subList(start, end), layers.subList(start, end));
    }

    private int place(int index) {
        int place = index < 0 ? index + size() : index;
        if (place < 0 || place >= size()) {
            throw new IllegalArgumentException("Sequential has " + size() + " layers, got place " + index);
        }
        return place;
    }

    private int place(String name) {
        int place = names.indexOf(name);
        if (place < 0) {
            throw new IllegalArgumentException("Sequential has the layers " + names + ", got '" + name + "'");
        }
        return place;
    }

    /** Applies the layers to an input of any shape that the first takes. */
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        try (Lookahead.Window window = x.session().engine().lookahead().open(pass.isTraining())) {
            return apply(x, pass);
        }
    }

    private Tensor apply(Tensor x, Pass pass) {
        Tensor value = x;
        boolean own = false; // whether this made the value, and no layer that may keep it has seen it
        for (int i = 0; i < layers.size(); i++) {
            Layer layer = layers.get(i);
            Tensor next = Results.of(pass.run(layer, value), layer, i);
            own = passOn(layer, value, own, next);
            value = next;
        }
        return value;
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
            structure.module(names.get(i), layers.get(i));
        }
    }

    /** Returns the layers to print, a line each. */
    @Override
    public String toString() {
        return Architecture.tree(this);
    }
}
