package org.alborz.backend;

import org.alborz.type.Activation;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * Batch normalisation that stores which elements were between the activation's bounds, a bit each, so that its gradient need not read the result.
 * All else is as {@link Normalization} says, with the same bits.
 */
public non-sealed interface BatchNormGate extends EngineFusion {
    /** Returns the bytes of the bits, of an order of the backend's own; 0 where it stores none for x of such a type and shape. */
    long bytes(DType dtype, Shape x);

    /**
     * Computes what {@link Normalization#batchNorm} does.
     *
     * @param activation not {@link Activation#NONE}
     * @param gate {@link DType#UINT8} of that many bytes, contiguous
     */
    void batchNorm(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand beta,
            Operand addend,
            Activation activation,
            Operand y,
            Operand mean,
            Operand variance,
            Operand gate);

    /**
     * How the result was made whose gradient is dy. A backend that has kept back the work that makes dy may do it together with that of the
     * normalisation, of numbers that it rounds otherwise, and leave dy unwritten. Where y is not finite, it need not let dy pass as the gate does.
     *
     * @param beta the normalisation's
     * @param hasAddend whether there was an addend
     * @param y the result
     */
    record Origin(Operand beta, boolean hasAddend, Activation activation, Operand y) {}

    /**
     * Computes what {@link Normalization#batchNormBackward} does, the gate in place of the activation and its result.
     *
     * @param origin null where dy is read by others as well
     */
    void batchNormBackward(
            double epsilon,
            Operand x,
            Operand gamma,
            Operand mean,
            Operand variance,
            Operand gate,
            Origin origin,
            Operand dy,
            Operand dx,
            Operand dgamma,
            Operand dbeta,
            Operand daddend);
}
