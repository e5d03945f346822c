package org.alborz.events;

/**
 * What is recorded of an operation.
 *
 * @param layer null outside of layers
 * @param inputs shapes and types
 * @param results shapes and types
 */
public record OperationDetails(
        String operation,
        String layer,
        boolean backward,
        String inputs,
        String results,
        long bytes,
        long multiplyAdds) {}
