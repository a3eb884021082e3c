/* placeholder: the enums a config names; the model follows */
#ifndef NN_GPT_H
#define NN_GPT_H
typedef enum nn_position { NN_POSITION_LEARNED, NN_POSITION_SINUSOIDAL, NN_POSITION_ROPE, NN_POSITION_NONE } nn_position;
#define NN_POSITION_NAMES "learned|sinusoidal|rope|none" /* in the order of the enum */
typedef enum nn_activation { NN_ACTIVATION_GELU, NN_ACTIVATION_GELU_TANH, NN_ACTIVATION_RELU, NN_ACTIVATION_SWIGLU } nn_activation;
#define NN_ACTIVATION_NAMES "gelu|gelu_tanh|relu|swiglu"
typedef enum nn_norm_type { NN_NORM_LAYERNORM, NN_NORM_RMSNORM } nn_norm_type;
#define NN_NORM_NAMES "layernorm|rmsnorm"
#endif
