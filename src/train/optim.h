/* placeholder: the enums a config names; the optimizer follows */
#ifndef TRAIN_OPTIM_H
#define TRAIN_OPTIM_H
typedef enum optim_type { OPTIM_ADAMW, OPTIM_SGD } optim_type;
#define OPTIM_TYPE_NAMES "adamw|sgd" /* in the order of the enum */
typedef enum optim_schedule { OPTIM_COSINE, OPTIM_LINEAR, OPTIM_CONSTANT } optim_schedule;
#define OPTIM_SCHEDULE_NAMES "cosine|linear|constant"
#endif
