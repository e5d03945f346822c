package org.alborz.ops;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.alborz.tensor.Tensor;

/**
 * For which layer operations are applied, by its path in its model; kept only while a listener is told of operations.
 *
 * <p>Models say what their modules are called. {@link org.alborz.nn.Pass#run} tells which module is computed, and
 * {@link org.alborz.nn.Pass#use} which parameters are read, so that a layer with parameters is known also where a module of one's own calls
 * it directly.
 */
public final class LayerPaths {
    private final List<Names> models = new ArrayList<>();
    private final Map<Place, String> parameters = new HashMap<>();
    private String current;
    private boolean backward;

    /** Knows the paths of the modules of a net. */
    @FunctionalInterface
    public interface Names {
        /** Returns the path of a module, or of the module that a parameter belongs to; empty for the net itself, null for others. */
        String of(Object part);
    }

    /** Where the values of a parameter are. */
    private record Place(long memory, long offset, long elements) {
        static Place of(Tensor tensor) {
            return new Place(
                    tensor.memoryId(), tensor.layout().offset(), tensor.shape().elements());
        }
    }

    LayerPaths() {}

    /** Adds a net's names. */
    public void add(Names names) {
        models.add(names);
    }

    /** Forgets a net's names. */
    public void remove(Names names) {
        models.remove(names);
    }

    /** Returns the path of the layer whose operations are applied now, or null outside of layers. */
    public String current() {
        return current;
    }

    /** Tells whether gradients are computed. */
    boolean isBackward() {
        return backward;
    }

    /** Says whether gradients are computed from now on; returns what was said before. */
    public boolean backward(boolean next) {
        boolean before = backward;
        backward = next;
        return before;
    }

    /** Says that the next operations are those of a module; returns the path to go back to by {@link #at}. */
    public String enter(Object module) {
        String path = path(module);
        return path == null ? current : at(path);
    }

    /** Says that the next operations are those of the layer of a path; returns the path before. */
    public String at(String path) {
        String before = current;
        current = path;
        return before;
    }

    /** Notes the values that a parameter is used with. */
    public void read(Object parameter, Tensor values) {
        String path = path(parameter);
        if (path != null) {
            parameters.put(Place.of(values), path);
        }
    }

    void forgetParameters() {
        parameters.clear();
    }

    /** Returns the path of the layer that a call is part of: that of a parameter which it reads, if that is within the current one. */
    String of(Call call) {
        for (int i = 0; i < call.count() && !parameters.isEmpty(); i++) {
            Tensor input = call.input(i);
            String path = input == null ? null : parameters.get(Place.of(input));
            if (path != null && isWithin(path)) {
                return path;
            }
        }
        return current;
    }

    private boolean isWithin(String path) {
        return current == null || current.isEmpty() || path.startsWith(current + ".");
    }

    private String path(Object part) {
        for (int i = 0; i < models.size(); i++) {
            String path = models.get(i).of(part);
            if (path != null) {
                return i == 0 ? path : (i + 1) + ":" + path;
            }
        }
        return null;
    }
}
