/**
 * PyTorch as a contestant, through DJL's native layer.
 *
 * <p>A whole training step or forward pass is one native call: the nets are TorchScript modules that are written here, so neither
 * Python is needed nor does DJL's call per operation cost anything. Inside are the functions that PyTorch itself would call: the
 * operations of {@code torch.nn.functional}, {@code torch.autograd.grad} and the fused Adam.
 */
package org.alborz.benchmarks.peers.torch;
