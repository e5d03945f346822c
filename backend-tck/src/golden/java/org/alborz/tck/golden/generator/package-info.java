/** Makes the golden values with PyTorch through DJL; built and run only under the Maven profile {@code golden}. */
package org.alborz.tck.golden.generator;
