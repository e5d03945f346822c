package org.alborz.benchmarks.peers.torch;

import org.alborz.benchmarks.peers.Net;
import org.alborz.benchmarks.peers.torch.ForwardScript.Filter;

/** The nets of {@link Net} as PyTorch computes them, their weights in the order of Alborz's. */
final class NetScripts {
    /** Of each stage of MobileNetV2: how many times the channels inside a block, channels, blocks and stride, for small images. */
    private static final int[][] INVERTED_RESIDUALS = {
        {1, 16, 1, 1}, {6, 24, 2, 1}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}
    };

    private NetScripts() {}

    static void write(Net net, ForwardScript script) {
        switch (net) {
            case CIFAR_CNN -> cifarCnn(script);
            case RESNET20 -> resnet20(script);
            case MOBILENET_V2 -> mobileNetV2(script);
            case MLP -> mlp(script);
            case LSTM -> lstm(script);
            case GPT_BLOCK -> gptBlock(script);
        }
    }

    private static void cifarCnn(ForwardScript s) {
        block(s, 3, 32);
        block(s, 32, 64);
        s.let("torch.flatten(%s, 1)");
        s.linear(64 * 8 * 8, 512);
        s.relu();
        s.dropout(0.5);
        s.linear(512, 10);
    }

    private static void block(ForwardScript s, int in, int out) {
        s.convolution(Filter.of(in, out, 3, 1));
        s.relu();
        s.convolution(Filter.of(out, out, 3, 1));
        s.relu();
        s.let("torch.max_pool2d(%s, [2, 2], [2, 2])");
        s.dropout(0.25);
    }

    private static void resnet20(ForwardScript s) {
        s.normalizedConvolution(Filter.of(3, 16, 3, 1));
        s.relu();
        int in = 16;
        for (int out : new int[] {16, 32, 64}) {
            for (int block = 0; block < 3; block++) {
                residual(s, in, out);
                in = out;
            }
        }
        averagePool(s);
        s.linear(64, 10);
    }

    private static void averagePool(ForwardScript s) {
        s.let("torch.flatten(torch.adaptive_avg_pool2d(%s, [1, 1]), 1)");
    }

    private static void residual(ForwardScript s, int in, int out) {
        String input = s.value();
        int stride = in == out ? 1 : 2;
        s.normalizedConvolution(Filter.of(in, out, 3, stride));
        s.relu();
        s.normalizedConvolution(Filter.of(out, out, 3, 1));
        String main = s.value();
        s.continueWith(input);
        if (in != out) {
            s.normalizedConvolution(Filter.of(in, out, 1, stride));
        }
        String side = s.value();
        s.continueWith(main);
        s.let("torch.add_(%s, " + side + ")");
        s.relu();
    }

    private static void mobileNetV2(ForwardScript s) {
        s.normalizedConvolution(Filter.of(3, 32, 3, 1));
        relu6(s);
        int in = 32;
        for (int[] stage : INVERTED_RESIDUALS) {
            for (int block = 0; block < stage[2]; block++) {
                invertedResidual(s, new Filter(in, stage[1], 3, block == 0 ? stage[3] : 1, in * stage[0]));
                in = stage[1];
            }
        }
        s.normalizedConvolution(Filter.of(in, 1280, 1, 1));
        relu6(s);
        averagePool(s);
        s.dropout(0.2);
        s.linear(1280, 10);
    }

    /** @param filter its groups are the channels inside */
    private static void invertedResidual(ForwardScript s, Filter filter) {
        String input = s.value();
        int inside = filter.groups();
        if (inside > filter.in()) {
            s.normalizedConvolution(Filter.of(filter.in(), inside, 1, 1));
            relu6(s);
        }
        s.normalizedConvolution(new Filter(inside, inside, filter.kernel(), filter.stride(), inside));
        relu6(s);
        s.normalizedConvolution(Filter.of(inside, filter.out(), 1, 1));
        if (filter.in() == filter.out() && filter.stride() == 1) {
            s.let("torch.add_(%s, " + input + ")");
        }
    }

    private static void relu6(ForwardScript s) {
        s.let("torch.hardtanh_(%s, 0., 6.)");
    }

    private static void mlp(ForwardScript s) {
        s.linear(784, 512);
        s.relu();
        s.linear(512, 256);
        s.relu();
        s.linear(256, 10);
    }

    private static void lstm(ForwardScript s) {
        StringBuilder weights = new StringBuilder();
        for (int layer = 0; layer < 2; layer++) {
            for (long[] shape : new long[][] {{1024, 256}, {1024, 256}, {1024}, {1024}}) {
                weights.append(weights.isEmpty() ? "" : ", ").append(s.weight(shape));
            }
        }
        s.let("torch.zeros([2, torch.size(x, 0), 256])");
        String zeros = s.value();
        s.letFirst(
                3,
                "torch.lstm(x, [" + zeros + ", " + zeros + "], [" + weights + "], True, 2, 0., "
                        + (s.isTraining() ? "True" : "False") + ", False, True)");
    }

    private static void gptBlock(ForwardScript s) {
        String inWeight = s.weight(3 * 384, 384);
        String inBias = s.weight(3 * 384);
        String outWeight = s.weight(384, 384);
        String outBias = s.weight(384);
        String weight1 = s.weight(4 * 384, 384);
        String bias1 = s.weight(4 * 384);
        String weight2 = s.weight(384, 4 * 384);
        String bias2 = s.weight(384);
        String norm1 = s.weight(384) + ", " + s.weight(384);
        String norm2 = s.weight(384) + ", " + s.weight(384);
        s.let("torch.layer_norm(%s, [384], " + norm1 + ")");
        s.let("torch.chunk(torch.linear(%s, " + inWeight + ", " + inBias + "), 3, 2)");
        s.let("torch.scaled_dot_product_attention(" + heads(s, 0) + ", " + heads(s, 1) + ", " + heads(s, 2)
                + ", None, 0., True)");
        s.let("torch.reshape(torch.transpose(%s, 1, 2), [-1, 256, 384])");
        s.let("torch.add(x, torch.linear(%s, " + outWeight + ", " + outBias + "))");
        String attended = s.value();
        s.let("torch.layer_norm(%s, [384], " + norm2 + ")");
        s.let("torch.gelu(torch.linear(%s, " + weight1 + ", " + bias1 + "))");
        s.let("torch.add(" + attended + ", torch.linear(%s, " + weight2 + ", " + bias2 + "))");
    }

    private static String heads(ForwardScript s, int part) {
        return "torch.transpose(torch.reshape(" + s.value() + "[" + part + "], [-1, 256, 6, 64]), 1, 2)";
    }
}
