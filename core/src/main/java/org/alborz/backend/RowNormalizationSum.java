package org.alborz.backend;

/** Gradients of normalised rows that are added to others in the same pass, as where rows are normalised and added to the result. */
public non-sealed interface RowNormalizationSum extends EngineFusion {
    /**
     * Computes what {@link RowNormalization#rowNormBackward} does, and adds the gradient of x to {@code dx}. The sum may be rounded once or after
     * the gradient was.
     *
     * @param dx row-major, shares no memory with the others
     */
    void addRowNormBackward(
            boolean centred,
            double epsilon,
            Operand x,
            Operand gamma,
            Operand dy,
            Operand dx,
            Operand dgamma,
            Operand dbeta);
}
