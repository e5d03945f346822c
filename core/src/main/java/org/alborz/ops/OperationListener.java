package org.alborz.ops;

import java.util.List;
import org.alborz.tensor.Tensor;

/**
 * Is told of the operations of a session, by {@link org.alborz.tensor.Session#observe}: for profiles, traces, and the search for the
 * operation that made a NaN.
 *
 * <p>Neither the operations that another is composed of nor those that a listener applies itself are told. The tensors belong to whoever
 * applied the operation: a listener reads them, and keeps or closes none. What it throws, it throws out of the operation.
 */
@FunctionalInterface
public interface OperationListener {
    /**
     * Called before an operation, when an input that it overwrites still has its value.
     *
     * @param inputs null for one that is left out
     */
    default void applying(Op op, List<Tensor> inputs) {}

    /** Called after an operation. */
    void applied(Applied operation);
}
