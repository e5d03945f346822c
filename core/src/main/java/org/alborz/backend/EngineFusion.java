package org.alborz.backend;

/** A fusion of an operation of the engine's. The conformance suite holds that it gives the same as the composition. */
public sealed interface EngineFusion extends Fusion
        permits AdamStep,
                SgdStep,
                UpdateStep,
                ReplayedUpdate,
                LossScaleStep,
                DropoutMask,
                SoftmaxCrossEntropy,
                MeanSoftmaxCrossEntropy,
                Accumulation,
                PixelNormalization,
                ImageGather,
                GeluGradient,
                BiasGradient,
                BatchNormGate,
                ConvolutionSum,
                RowNormalizationSum,
                LstmCell,
                LstmSequence,
                GruCell,
                Attention,
                PackedWeights,
                Ctc {}
