package org.alborz.cuda.budget;

/**
 * The bytes that a training step of GPT-2 moves when it is written by hand: mixed precision with bfloat16, biases, activations and
 * additions in the kernels before them, attention that keeps no scores, gradients of weights written once in float32, Adam in one pass.
 */
final class GptTraffic {
    static final int BATCH = 8;
    static final int TOKENS = 1024;
    static final int WIDTH = 768;
    static final int HEADS = 12;
    static final int LAYERS = 12;
    static final int VOCABULARY = 50_257;

    /** Of activations and of the weights that layers read. */
    private static final long HALF = 2;

    private static final long FLOAT = 4;

    private GptTraffic() {}

    /** Returns the bytes of a step. */
    static long bytes() {
        long rows = (long) BATCH * TOKENS;
        long hidden = rows * WIDTH * HALF;
        long square = (long) WIDTH * WIDTH;
        long layer = (forward() + backward()) * hidden + 2 * 12 * square * HALF + 12 * square * FLOAT;
        long logits = rows * VOCABULARY * HALF;
        long table = (long) VOCABULARY * WIDTH;
        // Logits are written, read and turned into their gradient in place, and that is read by two products.
        long head = 5 * logits + 3 * hidden + 2 * table * HALF + table * FLOAT + normalization() * hidden;
        long embedding = 3 * hidden + table * FLOAT;
        return LAYERS * layer + head + embedding + adam(parameters(table, square));
    }

    /** Returns how often a layer's forward pass moves an array of [rows, width]; what is wider counts as several. */
    private static int forward() {
        int normalizations = 2 * 2;
        int queriesKeysValues = 1 + 3;
        int attention = 3 + 1;
        int projection = 1 + 1 + 1; // with the addition
        int expansion = 1 + 4 + 4; // the sums are kept for the activation's gradient
        int contraction = 4 + 1 + 1; // with the addition
        return normalizations + queriesKeysValues + attention + projection + expansion + contraction;
    }

    /** Returns the same of the backward pass: of each product the gradients of its input, its weights and its bias. */
    private static int backward() {
        int contraction = (1 + 4) + (4 + 1) + 1;
        int activation = 4 + 4 + 4;
        int expansion = (4 + 1) + (1 + 4) + 4;
        int normalizations = 2 * 6; // dx with the addition: 4; the gradients of its parameters: 2
        int projection = (1 + 1) + (1 + 1) + 1;
        int attention = 3 + 1 + 1 + 3;
        int queriesKeysValues = (3 + 1) + (1 + 3) + 3;
        return contraction + activation + expansion + normalizations + projection + attention + queriesKeysValues;
    }

    /** Returns the same of the last normalisation, both passes. */
    private static int normalization() {
        return 2 + 5;
    }

    private static long parameters(long table, long square) {
        return table + (long) TOKENS * WIDTH + LAYERS * (12 * square + 13L * WIDTH) + 2L * WIDTH;
    }

    /** Values and both moments are read and written, the gradient is read, the copy of 16 bits written. */
    private static long adam(long parameters) {
        return parameters * (7 * FLOAT + HALF);
    }
}
