package org.alborz.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.alborz.nn.Model;
import org.alborz.ops.Applied;
import org.alborz.ops.OperationListener;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.type.Shape;

/**
 * Looks at every result of a computation for the first that is NaN; or, where there is none, for what made an infinite loss, gradient or weight. What is
 * infinite on purpose, such as a mask, is not named unless a NaN comes of it.
 */
final class NonFiniteWatch implements OperationListener {
    private final Model model;

    /** The operation that made the first infinite number of a memory, in words. */
    private final Map<Long, String> infinite = new HashMap<>();

    private String found;

    NonFiniteWatch(Model model) {
        this.model = model;
    }

    /** Notes the loss, which is not finite where something infinite has come through to it. */
    Tensor result(Tensor loss) {
        if (found == null && loss != null && !loss.isClosed()) {
            found = infinite.get(loss.memoryId());
        }
        return loss;
    }

    /** Returns what made the first number that is not finite, in words; null where nothing did. */
    String found() {
        if (found == null) {
            found = infinite.getOrDefault(
                    model.gradients().memoryId(), infinite.get(model.values().memoryId()));
        }
        return found;
    }

    @Override
    public void applied(Applied operation) {
        for (int i = 0; found == null && i < operation.results().size(); i++) {
            Tensor result = operation.results().get(i);
            if (result != null && !isFinite(result)) {
                look(operation, i, result);
            }
        }
    }

    private void look(Applied operation, int index, Tensor result) {
        double[] values = result.toDoubles();
        int nan = first(values, true);
        String origin = null;
        for (Tensor input : operation.inputs()) {
            if (origin == null && input != null) {
                origin = infinite.get(input.memoryId());
            }
        }
        if (nan >= 0) {
            String made = words(operation, "NaN", index, position(result.shape(), nan));
            found = origin == null ? made : made + "; before that " + origin;
        } else {
            int place = first(values, false);
            infinite.putIfAbsent(
                    result.memoryId(),
                    origin != null
                            ? origin
                            : words(operation, Double.toString(values[place]), index, position(result.shape(), place)));
        }
    }

    private static boolean isFinite(Tensor tensor) {
        if (!tensor.dtype().isFloating() || tensor.shape().elements() == 0) {
            return true;
        }
        try (Scope check = tensor.session().scope("finite")) {
            return tensor.detach().mul(0).sum().item() == 0; // 0 · x is NaN for every x that is not finite
        }
    }

    private static int first(double[] values, boolean nan) {
        for (int i = 0; i < values.length; i++) {
            if (nan ? Double.isNaN(values[i]) : Double.isInfinite(values[i])) {
                return i;
            }
        }
        return -1;
    }

    private String words(Applied operation, String what, int index, String position) {
        List<String> inputs = new ArrayList<>();
        for (int i = 0; i < operation.inputs().size(); i++) {
            Tensor input = operation.inputs().get(i);
            if (input != null) {
                inputs.add("input " + i + " " + described(input));
            }
        }
        return String.format(
                Locale.ROOT,
                "%s%s made %s at %s%s%s",
                operation.op().name(),
                place(operation),
                what,
                position,
                operation.results().size() == 1 ? "" : " of result " + index,
                inputs.isEmpty() ? "" : " (" + String.join(", ", inputs) + ")");
    }

    private static String place(Applied operation) {
        String direction = operation.backward() ? ", for the gradients," : "";
        if (operation.layer() == null) {
            return direction;
        }
        return (operation.layer().isEmpty() ? " in the net itself" : " in layer '" + operation.layer() + "'")
                + direction;
    }

    /** Returns an input's shape, and its range where all of it is finite. */
    private static String described(Tensor input) {
        String shape = (input.name() == null ? "" : "'" + input.name() + "' ") + input.shape();
        if (!input.dtype().isFloating() || input.shape().elements() == 0) {
            return shape;
        }
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        double[] values = input.toDoubles();
        for (double value : values) {
            least = Math.min(least, value); // NaN stays
            most = Math.max(most, value);
        }
        if (Double.isFinite(least) && Double.isFinite(most)) {
            return String.format(Locale.ROOT, "%s was finite, from %.4g to %.4g", shape, least, most);
        }
        int bad = Math.max(first(values, true), first(values, false));
        return shape + " had " + values[bad] + " at " + position(input.shape(), bad);
    }

    /** Returns the indices of an element, such as {@code [0, 3]}. */
    private static String position(Shape shape, int element) {
        long left = element;
        long[] indices = new long[shape.rank()];
        for (int axis = shape.rank() - 1; axis >= 0; axis--) {
            indices[axis] = left % shape.size(axis);
            left /= shape.size(axis);
        }
        return Arrays.toString(indices);
    }
}
