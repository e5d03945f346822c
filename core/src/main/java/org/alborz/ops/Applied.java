package org.alborz.ops;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.alborz.events.OperationDetails;
import org.alborz.tensor.Tensor;

/**
 * An operation that was applied.
 *
 * @param inputs null for one that was left out
 * @param results one that overwrites a tensor is that tensor
 * @param inPlace whether the result was written into a tensor that is not itself an input by which the operation says so, such as by
 *     {@link Tensor#fill} and {@link Tensor#update}
 * @param nanos how long it took; on a device that queues work, how long it took to queue
 * @param layer the path in its model of the layer it was applied for, such as {@code features.0}; empty for the net itself, null outside of
 *     nets, as for losses and optimizers. The paths of a session's second model begin with {@code 2:}, and so on
 * @param backward whether it was applied to compute gradients
 */
public record Applied(
        Op op, List<Tensor> inputs, List<Tensor> results, boolean inPlace, long nanos, String layer, boolean backward) {
    /** Returns how many products were added up. */
    public long multiplyAdds() {
        return op.multiplyAdds(specs(inputs), specs(results));
    }

    /** Returns the bytes of the results that have memory of their own: neither views nor tensors that were there before. */
    public long madeBytes() {
        long bytes = 0;
        for (Tensor result : results) {
            bytes += inPlace || isInInput(result) ? 0 : bytes(result);
        }
        return bytes;
    }

    /** Returns the bytes of the inputs that were read and of the results that were written; none for a view. */
    public long bytes() {
        if (!inPlace && !results.isEmpty() && isView(results.get(0))) {
            return 0;
        }
        long bytes = 0;
        for (Tensor input : inputs) {
            bytes += input == null ? 0 : bytes(input);
        }
        for (Tensor result : results) {
            bytes += bytes(result);
        }
        return bytes;
    }

    /** Tells whether a result is another handle of an input's memory, which was not overwritten: a view is a tensor of its own. */
    private boolean isView(Tensor result) {
        return isInInput(result) && !inputs.contains(result);
    }

    private boolean isInInput(Tensor result) {
        for (Tensor input : inputs) {
            if (input != null && input.memoryId() == result.memoryId()) {
                return true;
            }
        }
        return false;
    }

    /** Returns what a Flight Recorder's event holds. */
    OperationDetails details() {
        return new OperationDetails(op.name(), layer, backward, words(inputs), words(results), bytes(), multiplyAdds());
    }

    private static String words(List<Tensor> tensors) {
        StringJoiner words = new StringJoiner(", ");
        for (Tensor tensor : tensors) {
            words.add(tensor == null ? "-" : tensor.shape() + " " + tensor.dtype());
        }
        return words.toString();
    }

    private static long bytes(Tensor tensor) {
        return tensor.shape().elements() * tensor.dtype().bytes();
    }

    private static List<TensorSpec> specs(List<Tensor> tensors) {
        List<TensorSpec> specs = new ArrayList<>();
        for (Tensor tensor : tensors) {
            specs.add(tensor == null ? null : new TensorSpec(tensor.dtype(), tensor.layout()));
        }
        return specs;
    }
}
